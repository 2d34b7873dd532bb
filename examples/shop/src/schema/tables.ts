import { dynamoTable, gsi, lsi, number, string } from "mizzle";

/** Customers and their orders. */
export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    byEmail: gsi("emailKey"),
    byStatus: gsi("statusKey", "placedAt"),
    // A customer's orders by what they cost.
    byTotal: lsi("totalCents"),
  },
});

/** Products, one item a version. */
export const catalogue = dynamoTable("Catalogue", {
  pk: string("productId"),
  sk: number("version"),
  indexes: {
    // Enough for a page of search results without reading the table.
    byPrice: gsi("category", "priceCents", { projection: ["name", "imageUrl"] }),
  },
});

/** What came in and went out of the warehouse, by time. */
export const stock = dynamoTable("Stock", {
  pk: string("productId"),
  sk: number("recordedAt"),
  indexes: {
    byWarehouse: gsi("warehouse", "recordedAt", { projection: "KEYS_ONLY" }),
  },
});
