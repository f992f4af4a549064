import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import vue from "eslint-plugin-vue";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "public", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs["flat/recommended"],
  { files: ["**/*.vue"], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      "no-alert": "error", // a native dialog ends full screen
      "no-console": "error",
      "no-undef": "off", // TypeScript knows better
      "vue/multi-word-component-names": "off",
      "vue/require-default-prop": "off",
    },
  },
  prettier,
);
