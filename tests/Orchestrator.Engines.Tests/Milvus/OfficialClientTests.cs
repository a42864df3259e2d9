using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>Milvus's own client for Node.js understands the double: it is right whatever our driver makes of it.</summary>
public sealed class OfficialClientTests
{
    private const string Script = """
        const { HttpClient } = require('@zilliz/milvus2-sdk-node');
        (async () => {
          const [endpoint] = process.argv.slice(1);
          const client = new HttpClient({ endpoint, username: 'root', password: 'Milvus', timeout: 90000 });
          console.log((await client.createCollection({ dbName: 'default', collectionName: 'film', dimension: 8 })).code);
          console.log((await client.listCollections({ dbName: 'default' })).data.join(' '));
          console.log((await client.getCollectionStatistics({ collectionName: 'film' })).data.rowCount);
          const compacted = await client.compactCollection({ collectionName: 'film' });
          console.log(compacted.code, compacted.data.compactionID);
          const states = [];
          do {
            const state = await client.getCompactionState({ jobID: Number(compacted.data.compactionID) });
            states.push(state.data.state);
          } while (states.at(-1) === 'Executing');
          console.log(states.join(' '));
          console.log((await client.getCollectionStatistics({ collectionName: 'film' })).data.rowCount);
          const missing = await client.compactCollection({ collectionName: 'nothing' });
          console.log(missing.code);
        })().catch(error => { console.log(error.name, error.message); process.exit(1); });
        """;

    private const string GrpcScript = """
        const { MilvusClient } = require('@zilliz/milvus2-sdk-node');
        (async () => {
          const [address] = process.argv.slice(1);
          const client = new MilvusClient({ address, ssl: false, timeout: 90000 });
          await client.connectPromise;
          const partitions = await client.showPartitions({ collection_name: 'book' });
          console.log(partitions.partition_names.join(' '), partitions.partitionIDs.join(' '));
          const segments = await client.getPersistentSegmentInfo({ collectionName: 'book' });
          console.log(segments.infos.map(info => `${info.num_rows} ${info.state} ${info.level}`).join(', '));
          const metrics = await client.getMetric({ request: { metric_type: 'system_info' } });
          console.log(metrics.response.nodes_info.map(node => node.infos.system_configurations.segment_max_size ?? '').join(' '));
          const compacted = await client.compact({
            collection_name: 'book', partition_id: '461000000000000777', channel: 'by-dev-rootcoord-dml_0v0',
            segment_ids: ['461000000000000901', '461000000000000902'], majorCompaction: true, l0Compaction: true, target_size: 2048,
          });
          console.log(compacted.status.code, compacted.compactionID);
          process.exit(0);
        })().catch(error => { console.log(error.name, error.message); process.exit(1); });
        """;

    [SkippableFact]
    public async Task The_client_for_programs()
    {
        await using var milvus = MilvusDoubles.OneCollection();
        milvus.Token = "root:Milvus";
        milvus.IdsAreTexts = true;

        // Over REST this client cannot ask for ids of 18 digits: JavaScript's numbers do not hold them.
        milvus.LastJob = 4710;
        milvus.Hold();
        milvus.EndsAfterLooks = 3;

        var output = await NodeClients.Run("@zilliz/milvus2-sdk-node", Script, milvus.Server.Url.GetLeftPart(UriPartial.Authority));

        Assert.Equal(["0", "book film", "1000", "0 4711", "Executing Executing Completed", "600", "100"], output);
    }

    /// <summary>The numbers of the fields are those of the client, which has Milvus's whole interface.</summary>
    [SkippableFact]
    public async Task The_client_for_programs_orders_by_gRPC_what_the_double_understands()
    {
        await using var milvus = MilvusDoubles.OneCollection();
        milvus.Segments.AddRange([(600_000, 4, 3), (500, 4, 1)]);
        milvus.SegmentMaxSize = 512;

        var output = await NodeClients.Run("@zilliz/milvus2-sdk-node", GrpcScript, milvus.OpenGrpc().Authority);

        Assert.Equal(["_default autumn 7001 461000000000000777", "600000 Flushed L2, 500 Flushed L0", "512", "0 461173205123456790"], output);
        Assert.Equal(
            ["/book 461000000000000777 by-dev-rootcoord-dml_0v0 461000000000000901,461000000000000902 l0clustering 2048"], milvus.Orders);
    }
}
