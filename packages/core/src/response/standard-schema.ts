/** The part of Standard Schema v1 (standardschema.dev) that is needed: zod, valibot, arktype and others implement it. */
export interface StandardSchema<Input, Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One reason why a value does not fit a schema, and where in the value it lies. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** @throws {TypeError} for what is no Standard Schema */
export const validatorOf = (
  schema: StandardSchema<unknown, unknown>,
): ((value: unknown) => SchemaResult<unknown> | Promise<SchemaResult<unknown>>) => {
  // ArkType's schemas are functions.
  const standard: unknown = schema?.['~standard'];
  if (
    typeof standard !== 'object' ||
    standard === null ||
    !('validate' in standard) ||
    typeof standard.validate !== 'function'
  ) {
    throw new TypeError(
      `json: schema must be a Standard Schema, got ${schema === null ? 'null' : typeof schema}`,
    );
  }
  return (value) => schema['~standard'].validate(value);
};
