// defineConfig: for editors; it gives back what it is given.

export const defineConfig = (config) => config;
