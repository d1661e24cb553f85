// The Python that peers run on: Debian's, where python3-torch and python3-sklearn are, unless PYTHON names another.
export const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";
