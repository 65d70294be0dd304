// The library under test: what the page has, or the file for Node.
module.exports = globalThis.tf ?? require('../../dist/tensorine.cjs');
