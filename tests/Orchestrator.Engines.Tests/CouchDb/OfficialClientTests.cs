using Orchestrator.CouchDouble;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.CouchDb;

/// <summary>CouchDB's own client for Node.js, and PouchDB, understand the double: it is right whatever our driver makes of it.</summary>
public sealed class OfficialClientTests
{
    /// <summary>What the client does alike on all versions.</summary>
    private const string WritesAndCompacts = """

          const db = nano.use('eu/north+1');
          const { rev } = await db.insert({ total: 1 }, 'order');
          await db.insert({ _rev: rev, total: 2 }, 'order');
          console.log((await db.get('order')).total);
          await db.insert({ total: 3 }, 'order').catch(error => console.log(error.statusCode, error.error, error.reason));
          console.log(JSON.stringify(await nano.db.compact('eu/north+1')));
          console.log(JSON.stringify(await nano.db.compact('eu/north+1', 'by-date')));
          await nano.db.compact('eu/north+1', 'none').catch(error => console.log(error.statusCode, error.reason));
          await nano.db.compact('nowhere').catch(error => console.log(error.statusCode, error.reason));

        """;

    private const string Nano = """
        const nano = require('nano')(process.argv[1].replace('//', '//op:secret@'));
        (async () => {
          console.log((await nano.info()).version);
          console.log((await nano.db.list()).join(' '));
          const info = await nano.db.get('eu/north+1');
          console.log(info.sizes.file, info.sizes.active, info.cluster.q, info.compact_running);
        """ + WritesAndCompacts + """
          console.log((await nano.db.get('eu/north+1')).sizes.file === (await nano.db.get('eu/north+1')).sizes.active);
          console.log((await nano.relax({ path: '_membership' })).cluster_nodes.length);
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    private const string OlderNano = """
        const nano = require('nano')(process.argv[1].replace('//', '//op:secret@'));
        (async () => {
          console.log((await nano.info()).version);
          console.log((await nano.db.list()).join(' '));
          const info = await nano.db.get('eu/north+1');
          console.log(info.disk_size, info.data_size, info.cluster?.q, info.sizes === undefined ? undefined : info.disk_size + info.sizes.active);
        """ + WritesAndCompacts + """
          const compacted = await nano.db.get('eu/north+1');
          console.log(compacted.disk_size === compacted.data_size);
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    private const string NodePortNano = """
        const nano = require('nano')(process.argv[1].replace('//', '//op:secret@'));
        (async () => {
          console.log((await nano.info()).version);
          const names = await nano.db.list();
          const shards = names.filter(name => name.startsWith('shards/'));
          console.log(names.filter(name => !shards.includes(name)).join(' '));
          console.log(shards.length);
          const shop = shards.find(name => name.includes('/shop.'));
          console.log(Object.keys((await nano.use('_dbs').get('shop')).by_range).every(range => shop.includes(range)));
          console.log(JSON.stringify(await nano.db.compact(shop)));
          const info = await nano.db.get(shop);
          console.log(info.sizes.file === info.sizes.active, info.compact_running);
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

    [SkippableTheory]
    [InlineData("2.3.1", "18874368 2097152 2 20971520", "404 Database does not exist.")]
    [InlineData("1.7.2", "9437184 1048576 undefined undefined", "404 no_db_file")]
    public async Task The_client_for_programs_on_older_versions(string version, string sizes, string noDatabase)
    {
        await using var couch = await CouchDoubles.Filled(version);
        couch.AddView(couch.Create("eu/north+1", q: couch.Speaks.IsSingle ? 1 : 2, file: 9 * CouchDoubles.MiB, active: CouchDoubles.MiB), "by-date", 1000, 100);
        couch.Administrators["op"] = "secret";

        Assert.Equal(
            [
                version, "_users eu/north+1 shop", sizes, "2", "409 conflict Document update conflict.",
                "{\"ok\":true}", "{\"ok\":true}", "404 missing", noDatabase, "true",
            ],
            await NodeClients.Run("nano", OlderNano, couch.Nodes[0].Address.ToString()));
    }

    [SkippableFact]
    public async Task The_client_for_programs_at_a_nodes_own_port()
    {
        await using var couch = await CouchDoubles.Filled("2.3.1");
        couch.Administrators["op"] = "secret";

        Assert.Equal(
            ["2.3.1", "_dbs _nodes", "2", "true", "{\"ok\":true}", "true false"],
            await NodeClients.Run("nano", NodePortNano, couch.Nodes[1].OwnAddress.ToString()));
        Assert.Equal([0, 1, 0], couch.Nodes.Select(node => node.Copy(couch.Databases["shop"]).Orders));
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
