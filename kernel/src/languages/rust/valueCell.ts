import type { Variable } from '@ferrobook/notebook';

/** The MIME type by which {@link valueCell} tells a variable's size in bytes. */
export const SIZE_MIME = 'application/vnd.ferrobook.size+json';

/** How many bytes of a value are written. */
const LONGEST = 20_000;

/** Types that hold what they point to. */
const OWNER = /^(\w+::)*(String|Vec|Box|Rc|Arc)\b/;

/**
 * Code that displays a variable as `{:#?}` does, and its size. It stops writing where enough is written, so that a vector
 * of a gigabyte costs no more than a short one, and changes nothing of the notebook.
 */
export function valueCell({ name, type }: Variable): string {
  const contents = OWNER.test(type) ? ` + ::std::mem::size_of_val(&*${name})` : '';
  return `{
    struct FerrobookShortened(::std::string::String);
    impl ::std::fmt::Write for FerrobookShortened {
        fn write_str(&mut self, text: &str) -> ::std::fmt::Result {
            let room = ${LONGEST}_usize.saturating_sub(self.0.len());
            self.0.push_str(&text[..text.floor_char_boundary(room)]);
            if text.len() <= room { Ok(()) } else { Err(::std::fmt::Error) }
        }
    }
    let mut ferrobook_shown = FerrobookShortened(::std::string::String::new());
    if ::std::fmt::Write::write_fmt(&mut ferrobook_shown, ::std::format_args!("{:#?}", &${name})).is_err() {
        ferrobook_shown.0.push('…');
    }
    let ferrobook_size = ::std::mem::size_of_val(&${name})${contents};
    ::std::println!("EVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT", ferrobook_shown.0);
    ::std::println!("EVCXR_BEGIN_CONTENT ${SIZE_MIME}\n{}\nEVCXR_END_CONTENT", ferrobook_size);
}`;
}
