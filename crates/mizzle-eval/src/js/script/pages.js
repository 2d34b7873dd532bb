// The pages of a scan or query, and the items in them, as the evaluated code sees them: generators of
// its own realm.
(function () {
  /** All pages; `next` gives the promise of the next one, `undefined` after the last. */
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
