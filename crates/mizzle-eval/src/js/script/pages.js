// The pages of a scan or query, and the items in them, for the evaluated code: generators of its
// own realm.
(function () {
  /** Yields all pages; `next` returns the promise of the next one, `undefined` after the last. */
  async function* pages(next) {
    for (;;) {
      const promise = next();
      if (promise === undefined) return;
      yield await promise;
    }
  }

  async function* items(next) {
    for await (const page of pages(next)) {
      const found = page?.Items ?? [];
      for (let index = 0; index < found.length; index++) yield found[index];
    }
  }

  return { pages, items };
});
