using Orchestrator.CouchDouble;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>CouchDB's own client for Node.js, and PouchDB, understand the double: it is right whatever our driver makes of it.</summary>
public sealed class OfficialClientTests
{
    private const string Nano = """
        const nano = require('nano')(process.argv[1].replace('//', '//op:secret@'));
        (async () => {
          console.log((await nano.info()).version);
          console.log((await nano.db.list()).join(' '));
          const info = await nano.db.get('eu/north+1');
          console.log(info.sizes.file, info.sizes.active, info.cluster.q, info.compact_running);
          const db = nano.use('eu/north+1');
          const { rev } = await db.insert({ total: 1 }, 'order');
          await db.insert({ _rev: rev, total: 2 }, 'order');
          console.log((await db.get('order')).total);
          await db.insert({ total: 3 }, 'order').catch(error => console.log(error.statusCode, error.error, error.reason));
          console.log(JSON.stringify(await nano.db.compact('eu/north+1')));
          console.log(JSON.stringify(await nano.db.compact('eu/north+1', 'by-date')));
          await nano.db.compact('eu/north+1', 'none').catch(error => console.log(error.statusCode, error.reason));
          await nano.db.compact('nowhere').catch(error => console.log(error.statusCode, error.reason));
          console.log((await nano.db.get('eu/north+1')).sizes.file === (await nano.db.get('eu/north+1')).sizes.active);
          console.log((await nano.relax({ path: '_membership' })).cluster_nodes.length);
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    private const string Pouch = """
        const PouchDB = require('pouchdb');
        (async () => {
          const db = new PouchDB(process.argv[1] + 'pouch', { auth: { username: 'op', password: 'secret' } });
          console.log((await db.info()).db_name);
          const { rev } = await db.put({ _id: 'order', total: 1 });
          await db.put({ _id: 'order', _rev: rev, total: 2 });
          console.log((await db.allDocs({ include_docs: true })).rows.map(row => row.doc.total).join(' '));
          await db.put({ _id: 'order', total: 3 }).catch(error => console.log(error.status, error.name));
          await db.compact({ interval: 10 });
          const info = await db.info();
          console.log(info.sizes.file === info.sizes.active, info.doc_count);
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    [SkippableFact]
    public async Task The_client_for_programs()
    {
        await using var couch = await Filled();

        Assert.Equal(
            [
                "3.5.0", "_users eu/north+1 shop", "18874368 2097152 2 false", "2", "409 conflict Document update conflict.",
                "{\"ok\":true}", "{\"ok\":true}", "404 missing", "404 Database does not exist.", "true", "3",
            ],
            await NodeClients.Run("nano", Nano, couch.Nodes[1].Address.ToString()));
    }

    [SkippableFact]
    public async Task PouchDB()
    {
        await using var couch = await Filled();

        Assert.Equal(["pouch", "2", "409 conflict", "true 1"], await NodeClients.Run("pouchdb", Pouch, couch.Nodes[1].Address.ToString()));
    }

    private static async Task<DoubleCluster> Filled()
    {
        var couch = await CouchDoubles.ThreeNodes();
        couch.AddView(couch.Create("eu/north+1", q: 2, file: 9 * CouchDoubles.MiB, active: CouchDoubles.MiB), "by-date", 1000, 100);
        couch.Administrators["op"] = "secret";
        return couch;
    }
}
