// Written in what every Node.js since version 12 can read: its one purpose is to be understood by an old one.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    'aks-ca-trust needs Node.js 24 or newer; ' +
      process.execPath +
      ' is ' +
      process.version +
      '. In a checkout, "make" installs one: export PATH="$PWD/node_modules/.bin:$PATH"',
  );
  process.exit(1);
}
