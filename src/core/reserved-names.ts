// Names that every JavaScript object inherits. A plain object used as a map would find them without an entry, so they are not
// accepted as new names. Maps of stored names are safe against them anyway.

const RESERVED = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

export const isReservedName = (name: string): boolean => RESERVED.has(name);

export const RESERVED_NAME = "must not be a name that every JavaScript object has, such as constructor or __proto__";
