// node:querystring.
(function () {
  const unescape = (text) => {
    try {
      return decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      return text;
    }
  };

  function parse(text, separator = "&", equals = "=") {
    const result = Object.create(null);
    for (const pair of String(text).split(separator)) {
      if (pair === "") continue;
      const at = pair.indexOf(equals);
      const [name, value] = (
        at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + equals.length)]
      ).map(unescape);
      if (!(name in result)) result[name] = value;
      else result[name] = [result[name], value].flat();
    }
    return result;
  }

  function stringify(object, separator = "&", equals = "=") {
    return Object.entries(object ?? {})
      .flatMap(([name, value]) =>
        [value]
          .flat()
          .map((one) => encodeURIComponent(name) + equals + encodeURIComponent(one ?? "")),
      )
      .join(separator);
  }

  return {
    parse,
    stringify,
    decode: parse,
    encode: stringify,
    escape: encodeURIComponent,
    unescape,
  };
});
