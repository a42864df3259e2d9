using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Milvus;

/// <summary>Milvus's own client for Node.js understands the double: it is right whatever our driver makes of it.</summary>
public sealed class OfficialClientTests
{
    private const string Script = """
        const { HttpClient } = require('@zilliz/milvus2-sdk-node');
        (async () => {
          const [endpoint] = process.argv.slice(1);
          const client = new HttpClient({ endpoint, username: 'root', password: 'Milvus' });
          console.log((await client.listCollections({ dbName: 'default' })).data.join(' '));
          console.log((await client.getCollectionStatistics({ collectionName: 'book' })).data.rowCount);
          const compacted = await client.compactCollection({ collectionName: 'book' });
          console.log(compacted.code, compacted.data.compactionID);
          const state = await client.getCompactionState({ jobID: Number(compacted.data.compactionID) });
          console.log(state.code, state.data.state);
          console.log((await client.getCollectionStatistics({ collectionName: 'book' })).data.rowCount);
          const missing = await client.compactCollection({ collectionName: 'nothing' });
          console.log(missing.code);
        })().catch(error => { console.log(error.name, error.message); process.exit(1); });
        """;

    [SkippableFact]
    public async Task The_client_for_programs()
    {
        await using var milvus = MilvusDoubles.OneCollection();
        milvus.Token = "root:Milvus";
        milvus.IdsAreTexts = true;

        var output = await NodeClients.Run("@zilliz/milvus2-sdk-node", Script, milvus.Server.Url.GetLeftPart(UriPartial.Authority));

        Assert.Equal(["book", "400000", "0 461173205123456790", "0 Completed", "300000", "100"], output);
    }
}
