// The symbols that mark the ORM's objects, shared by all copies of the ORM.

const symbol = (name) => Symbol.for(`mizzle:${name}`);

export const TableName = symbol("TableName");
export const PartitionKey = symbol("PartitionKey");
export const SortKey = symbol("SortKey");
export const Indexes = symbol("Indexes");
export const EntityName = symbol("EntityName");
export const PhysicalTable = symbol("PhysicalTable");
export const Columns = symbol("Columns");
export const EntityStrategy = symbol("EntityStrategy");
export const RelationConfig = symbol("RelationConfig");
