using Orchestrator.Engines.Tests.Support;
using Orchestrator.MongoDouble;

namespace Orchestrator.Engines.Tests.MongoDb;

/// <summary>MongoDB's own clients for Node.js understand the double: it is right whatever our driver makes of it.</summary>
public sealed class OfficialClientTests
{
    private const string Script = """
        const { MongoClient } = require('mongodb');
        (async () => {
          const [uri, direct] = process.argv.slice(1);
          const client = new MongoClient(uri, { serverSelectionTimeoutMS: 90000 });
          await client.connect();
          const status = await client.db('admin').command({ replSetGetStatus: 1 });
          console.log(status.members.map(member => member.stateStr).join(' '));
          console.log((await client.db('shop').listCollections().toArray()).map(found => found.name).sort().join(' '));
          const member = new MongoClient(direct, { serverSelectionTimeoutMS: 90000 });
          console.log(JSON.stringify(await member.db('shop').command({ compact: 'orders' })));
          const statistics = await member.db('shop').collection('orders').aggregate([{ $collStats: { storageStats: {} } }]).toArray();
          console.log(statistics[0].storageStats.freeStorageSize);
          await member.close();
          await client.close();
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    [SkippableTheory]
    [InlineData("4.4.29", "SCRAM-SHA-1")]
    [InlineData("7.0.14", "SCRAM-SHA-256")]
    [InlineData("8.0.4", "SCRAM-SHA-256")]
    public async Task The_client_for_programs(string version, string mechanism)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Users["op"] = new DoubleUser("op", "secret");

        var output = await NodeClients.Run(
            "mongodb", Script, Uri(set) + $"&authMechanism={mechanism}", $"mongodb://op:secret@{set.Members[1].Address}/?directConnection=true");

        Assert.Equal(
            ["PRIMARY SECONDARY SECONDARY", "customers orders", $"{{\"bytesFreed\":{160 * MongoDoubles.MiB},\"ok\":1}}", "0"],
            output);
    }

    private const string OldScript = """
        const [name, uri, direct] = process.argv.slice(1);
        const { MongoClient } = require(name);
        (async () => {
          const client = await MongoClient.connect(uri, name === 'mongodb-3' ? { useUnifiedTopology: true } : {});
          const status = await client.db('admin').command({ replSetGetStatus: 1 });
          console.log(status.members.map(member => member.stateStr).join(' '));
          console.log((await client.db('shop').listCollections().toArray()).map(found => found.name).filter(name => !name.includes('$')).sort().join(' '));
          const member = await MongoClient.connect(direct, name === 'mongodb-3' ? { useUnifiedTopology: true } : name === 'mongodb-4' ? { directConnection: true } : {});
          console.log(JSON.stringify(await member.db('shop').command({ compact: 'orders' })));
          await member.close();
          await client.close();
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    [SkippableTheory]
    [InlineData("2.6.12", "mongodb-2")]
    [InlineData("2.6.12", "mongodb-3")]
    [InlineData("3.4.24", "mongodb-2")]
    [InlineData("3.4.24", "mongodb-3")]
    [InlineData("4.2.24", "mongodb-3")]
    [InlineData("4.2.24", "mongodb-4")]
    public async Task Clients_of_their_time_understand_old_versions(string version, string client)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Users["op"] = new DoubleUser("op", "secret");

        var output = await NodeClients.Run(client, OldScript, client, Uri(set), $"mongodb://op:secret@{set.Members[1].Address}/admin");

        Assert.Equal(["PRIMARY SECONDARY SECONDARY", "customers orders", "{\"ok\":1}"], output);
    }

    private const string PrimaryScript = """
        const { MongoClient } = require('mongodb');
        (async () => {
          const client = new MongoClient(process.argv[1], { serverSelectionTimeoutMS: 90000 });
          await client.connect();
          console.log((await client.db('admin').command({ replSetGetConfig: 1 })).config.members.length);
          try { await client.db('shop').command({ compact: 'orders' }); } catch (error) { console.log(error.code ?? 'no code'); }
          console.log((await client.db('shop').command({ compact: 'orders', force: true })).bytesFreed);
          await client.close();
        })().catch(error => { console.log(error.message); process.exit(1); });
        """;

    [SkippableTheory]
    [InlineData("4.4.29")]
    [InlineData("8.0.4")]
    public async Task A_primary_is_compacted_by_force_alone(string version)
    {
        await using var set = MongoDoubles.ThreeMembers(version);
        set.Users["op"] = new DoubleUser("op", "secret");

        var output = await NodeClients.Run("mongodb", PrimaryScript, Uri(set));

        Assert.Equal(["3", version.StartsWith('8') ? "20" : "no code", $"{160 * MongoDoubles.MiB}"], output);
    }

    private static string Uri(DoubleReplicaSet set) =>
        $"mongodb://op:secret@{string.Join(',', set.Members.Select(member => member.Address))}/admin?replicaSet={set.Name}";
}
