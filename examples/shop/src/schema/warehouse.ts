import { boolean, dynamoEntity, number, string, uuid } from "mizzle";
// An import in the style of compiled ES modules: the file is tables.ts.
import { catalogue, stock } from "./tables.js";

export const products = dynamoEntity(
  catalogue,
  "Product",
  {
    productId: uuid(),
    version: number(),
    category: string(),
    name: string(),
    imageUrl: string(),
    priceCents: number().min(0),
    available: boolean(),
  },
  (product) => ({ pk: product.productId, sk: product.version }),
);

export const movements = dynamoEntity(
  stock,
  "Movement",
  {
    productId: uuid(),
    // Milliseconds since 1970.
    recordedAt: number(),
    warehouse: string(),
    quantity: number(),
  },
  (movement) => ({ pk: movement.productId, sk: movement.recordedAt }),
);
