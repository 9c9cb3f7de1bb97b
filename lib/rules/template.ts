/** Values of a template's named parts, e.g. `{ version: '1.0' }`. */
export type Captures = Readonly<Record<string, string>>;

export type CaptureType = 'text' | 'int' | 'semver';

export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'capture';
      readonly name: string;
      readonly type: CaptureType;
      readonly optional: boolean;
    }
  /** `{version.major}`: computed from a semver capture, in targets only. */
  | { readonly kind: 'derived'; readonly name: string; readonly field: 'major' | 'minor' | 'patch' };

/** A tag template such as `{version}-{arch}`, parsed. `text` is as it was written. */
export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
}
