import { onlyRust } from '../src/language/rustGrammar';

test('the grammar is given the Rust of a cell, in its place', () => {
  expect(onlyRust('# é\n%%rust --time\n:dep rand = "0.9"\nlet a = b::c;')).toBe(
    '   \n             \n                 \nlet a = b::c;',
  );
});
