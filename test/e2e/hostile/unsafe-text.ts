/** What would move a terminal's cursor, forge a line or turn text round. */
export const UNSAFE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
