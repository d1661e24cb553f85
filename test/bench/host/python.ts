// The Python interpreter of the peers: Debian's, which has python3-torch and python3-sklearn, unless PYTHON names another.
export const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";
