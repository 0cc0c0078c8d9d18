// Refreshes from a repository and downloads one target. Says in one line of JSON what came of it.
// node client.js <metadata folder, with root.json> <target folder> <repository address> <target path>
const fs = require("fs");
const { Updater } = require("tuf-js");

async function main([metadataDir, targetDir, address, path]) {
  const updater = new Updater({
    metadataDir,
    targetDir,
    metadataBaseUrl: address + "/metadata",
    targetBaseUrl: address + "/targets",
    config: { fetchRetries: 0 },
  });
  await updater.refresh();
  const info = await updater.getTargetInfo(path);
  const target = info ? fs.readFileSync(await updater.downloadTarget(info), "utf8") : null;
  return { root: JSON.parse(fs.readFileSync(metadataDir + "/root.json")).signed.version, target };
}

main(process.argv.slice(2)).then(
  (result) => console.log(JSON.stringify(result)),
  (error) => console.log(JSON.stringify({ refused: error.constructor.name, why: error.message })),
);
