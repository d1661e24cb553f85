// Names that every JavaScript object has from birth. A map by name would find them where nothing was put, so none is taken as
// a new name; maps of stored names are safe against them anyway.

const RESERVED = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

export const isReservedName = (name: string): boolean => RESERVED.has(name);

export const RESERVED_NAME = "must not be a name that every object has, such as constructor or __proto__; use another";
