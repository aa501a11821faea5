import type { PoolClient } from "pg";

/** A table and those of its columns that are written, not computed. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns that count by themselves. */
  readonly counters: readonly string[];
}

/** Every table of ours but `migrations`, each after those it refers to. */
export async function tablesOf(client: PoolClient): Promise<readonly Table[]> {
  const { rows } = await client.query<Table>(`
    select table_name as name,
      array_agg(column_name::text order by ordinal_position) filter (where is_generated = 'NEVER') as columns,
      coalesce(array_agg(column_name::text) filter (where is_identity = 'YES'), '{}') as counters
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'migrations'
    group by table_name order by table_name`);
  const references = await client.query<{ from: string; to: string }>(`
    select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint
    where contype = 'f' and connamespace = current_schema()::regnamespace`);
  return sorted(rows, references.rows);
}

function sorted(
  tables: readonly Table[],
  references: readonly { readonly from: string; readonly to: string }[],
): readonly Table[] {
  const placed: Table[] = [];
  const place = (table: Table) => {
    if (placed.includes(table)) return;
    for (const { from, to } of references)
      if (from === table.name && to !== from) tables.filter(({ name }) => name === to).forEach(place);
    placed.push(table);
  };
  tables.forEach(place);
  return placed;
}
