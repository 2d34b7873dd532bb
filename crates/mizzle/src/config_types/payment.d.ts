/** ${EnvironmentTableSettings} */
export type EnvironmentTableSettings = Omit<TableFields, "indexes"> &
  (OnDemandTable | ProvisionedTable) & {
    /** ${TableSettings.indexes} */
    indexes?: Record<string, (IndexSettings & { projection?: undefined }) | undefined> | undefined;
  };

/** ${TableSettings} */
export type TableSettings = TableFields & (OnDemandTable | ProvisionedTable);

/** Settings of a table beside how its reads and writes are paid for. */
export interface TableFields {
  ${TableSettings{}}
}

/** A table that is paid by the request, or whose billing mode is unmanaged. */
export interface OnDemandTable {
  /** ${TableSettings.billingMode} */
  billingMode?: "PAY_PER_REQUEST" | undefined;
  /** ${TableSettings.onDemandMaximum} */
  onDemandMaximum?: OnDemandMaximum | undefined;
  readCapacity?: undefined;
  writeCapacity?: undefined;
  capacity?: undefined;
}

/** A table whose capacity is set, by the config or elsewhere. */
export type ProvisionedTable = {
  /** ${TableSettings.billingMode} */
  billingMode?: "PROVISIONED" | undefined;
  onDemandMaximum?: undefined;
} & ProvisionedCapacity;

/** Provisioned capacity of a table or of a GSI. */
export type ProvisionedCapacity =
  | {
      /** ${TableSettings.readCapacity} */
      readCapacity: number;
      /** ${TableSettings.writeCapacity} */
      writeCapacity: number;
      /** ${TableSettings.capacity} */
      capacity?: "autoscaled" | undefined;
    }
  | {
      readCapacity?: undefined;
      writeCapacity?: undefined;
      /** ${TableSettings.capacity} */
      capacity?: "autoscaled" | undefined;
    };

/** ${IndexSettings} */
export type IndexSettings = IndexFields & (OnDemandIndex | ProvisionedIndex);

/** Settings of an index beside how its reads and writes are paid for. */
export interface IndexFields {
  ${IndexSettings{}}
}

/** An index of a table that is paid by the request. */
export interface OnDemandIndex {
  /** ${IndexSettings.onDemandMaximum} */
  onDemandMaximum?: OnDemandMaximum | undefined;
  readCapacity?: undefined;
  writeCapacity?: undefined;
  capacity?: undefined;
}

/** An index of a provisioned table. */
export type ProvisionedIndex = { onDemandMaximum?: undefined } & ProvisionedCapacity;
