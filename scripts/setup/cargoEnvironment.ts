/**
 * The environment of every cargo that builds the runtime. rust-analyzer's crates read `CI` while they are compiled, so
 * that a value that comes and goes would rebuild them, and all that depends on them, each time: five minutes.
 */
export const cargoEnvironment = { CI: undefined };
