// console: every line goes to the host, which decides where to show it.
(function ({ host, part }) {
  let indent = "";
  const print = (...values) => {
    const text = values.every((value) => typeof value === "string" && !value.includes("%"))
      ? values.join(" ")
      : part("format").format(...values);
    host.print(indent ? indent + text.replaceAll("\n", "\n" + indent) : text);
  };
  const nothing = () => {};
  const counts = new Map();
  const started = new Map();
  const count = (label = "default") => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    print(`${label}: ${counts.get(label)}`);
  };
  const elapsed = (label = "default", ...rest) => {
    if (started.has(label))
      print(`${label}: ${(host.now() - started.get(label)).toFixed(3)}ms`, ...rest);
  };

  const console = {
    log: print,
    info: print,
    warn: print,
    error: print,
    debug: print,
    trace: (...values) => print("Trace:", ...values),
    dir: (value) => print(part("format").inspect(value)),
    dirxml: print,
    table: (value) => print(part("format").inspect(value)),
    assert: (condition, ...values) => condition || print("Assertion failed:", ...values),
    group: (...values) => {
      if (values.length > 0) print(...values);
      indent += "  ";
    },
    groupEnd: () => {
      indent = indent.slice(2);
    },
    count,
    countReset: (label = "default") => counts.delete(label),
    time: (label = "default") => void started.set(label, host.now()),
    timeLog: elapsed,
    timeEnd: (label = "default") => {
      elapsed(label);
      started.delete(label);
    },
    clear: nothing,
    profile: nothing,
    profileEnd: nothing,
    timeStamp: nothing,
  };
  console.groupCollapsed = console.group;
  class Console {
    constructor() {
      Object.assign(this, console);
    }
  }
  return { console: Object.assign(console, { Console }) };
});
