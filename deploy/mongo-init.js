// Run by the MongoDB image on an empty data folder: the sample as a reference base, the index its look-ups need, and the user
// pyservice connects as, who may read that one collection and nothing else.

const { MONGO_DB, MONGO_COLLECTION, MONGO_READER_PASS } = process.env;

const people = fs.readFileSync("/sample/referencia.jsonl", "utf8").trim().split("\n").map((line) => JSON.parse(line));
const base = db.getSiblingDB(MONGO_DB);
base.getCollection(MONGO_COLLECTION).insertMany(people);
base.getCollection(MONGO_COLLECTION).createIndex({ CPF: 1 });

const admin = db.getSiblingDB("admin");
admin.createRole({
  role: "pyservice_reader",
  privileges: [
    {
      resource: { db: MONGO_DB, collection: MONGO_COLLECTION },
      actions: ["find", "listIndexes"],
    },
  ],
  roles: [],
});
admin.createUser({ user: "reader", pwd: MONGO_READER_PASS, roles: ["pyservice_reader"] });
