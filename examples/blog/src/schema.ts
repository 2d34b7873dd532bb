import {
  compositeKey,
  date,
  dynamoEntity,
  dynamoTable,
  gsi,
  prefixKey,
  staticKey,
  string,
  stringSet,
  uuid,
} from "mizzle";

/** One table for everything; what an item is shows in its keys. */
export const blog = dynamoTable("Blog", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    bySlug: gsi("slugKey"),
    recent: gsi("feedKey", "publishedAt"),
  },
});

export const authors = dynamoEntity(
  blog,
  "Author",
  { id: uuid(), email: string().email(), name: string(), joinedAt: date() },
  (author) => ({ pk: prefixKey("AUTHOR#", author.id), sk: staticKey("PROFILE") }),
);

/** A post lies beside its author, is found by its slug, and appears in the feed once published. */
export const posts = dynamoEntity(
  blog,
  "Post",
  {
    id: uuid(),
    authorId: uuid(),
    slug: string(),
    title: string(),
    body: string(),
    tags: stringSet(),
    publishedAt: date().nullable(),
  },
  (post) => ({
    pk: prefixKey("AUTHOR#", post.authorId),
    sk: prefixKey("POST#", post.id),
    bySlug: { pk: prefixKey("SLUG#", post.slug) },
    recent: { pk: staticKey("FEED"), sk: post.publishedAt },
  }),
);

/** The comments of a post, oldest first. */
export const comments = dynamoEntity(
  blog,
  "Comment",
  { id: uuid(), postId: uuid(), author: string(), text: string(), createdAt: date() },
  (comment) => ({
    pk: prefixKey("POST#", comment.postId),
    sk: compositeKey("#", "COMMENT", comment.createdAt, comment.id),
  }),
);
