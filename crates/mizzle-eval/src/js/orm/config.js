// defineConfig: for editors; it returns its argument.

export const defineConfig = (config) => config;
