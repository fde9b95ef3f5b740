// Writes documents the way a Node dialler does: through mongoose. One JSON line in, one out:
//   {"db":"d1","model":"calls","docs":[…]}   creates through the model, answers {"ids":[…]}
//   {"db":"d1","index":"calls","field":"callSid"}
//   {"db":"d1","drop":true}
// Values are MongoDB Extended JSON, so that {"$oid":…} and {"$date":…} can be said. Models whose
// names begin with "loose_" write to the collection of the rest of the name without a schema's
// casts: the odd types that years of schema changes leave behind.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const home = process.env.WRAPUP_TEST_MONGOOSE_DIR ?? new URL('../e2e/', import.meta.url).pathname;
const mongoose = createRequire(`${home}/package.json`)('mongoose');
const { EJSON } = mongoose.mongo.BSON;
const { Schema } = mongoose;
const { Mixed, ObjectId } = Schema.Types;

const schemas = {
  calls: new Schema(
    {
      callSid: { type: String, required: true },
      contactName: String,
      campaignId: Mixed, // An ObjectId since last year, a text before.
      conversationId: String,
      agentId: String,
      to: String,
      from: String,
      answeredBy: String,
      duration: Number,
      status: String,
      customer: new Schema({ fullName: String, campaign: ObjectId }, { _id: false }),
    },
    { timestamps: true },
  ),
  campaigns: new Schema({ _id: Mixed, name: String, description: String }, { timestamps: true }),
  contacts: new Schema(
    { phoneNumber: String, name: String, timeZone: String },
    { timestamps: true },
  ),
};

function modelOf(connection, name) {
  const collection = name.replace(/^loose_/, '');
  const schema = schemas[name] ?? new Schema({ _id: Mixed }, { strict: false });
  return connection.models[name] ?? connection.model(name, schema.clone(), collection);
}

async function handle(request) {
  const connection = mongoose.connection.useDb(request.db, { useCache: true });
  if (request.drop) {
    await connection.dropDatabase();
    return {};
  }
  if (request.index) {
    await connection.collection(request.index).createIndex({ [request.field]: 1 });
    return {};
  }
  const model = modelOf(connection, request.model);
  const docs = request.docs.map((doc) => {
    const raw = EJSON.deserialize(doc);
    return '_id' in raw || request.model === 'calls' || request.model === 'contacts'
      ? raw
      : { _id: new mongoose.Types.ObjectId(), ...raw };
  });
  const made = await model.insertMany(docs);
  return { ids: made.map((one) => EJSON.serialize({ id: one._id }).id) };
}

await mongoose.connect(process.argv[2], { autoIndex: false, autoCreate: false });
console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(await handle(JSON.parse(line))));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await mongoose.disconnect();
