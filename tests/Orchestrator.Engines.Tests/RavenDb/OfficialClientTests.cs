using Orchestrator.Engines.Tests.Support;
using Orchestrator.HttpDoubles.RavenDb;

namespace Orchestrator.Engines.Tests.RavenDb;

/// <summary>RavenDB's own client for Node.js understands the double: it is right whatever our driver makes of it.</summary>
public sealed class OfficialClientTests
{
    private const string Script = """
        const { DocumentStore, CreateDatabaseOperation, CompactDatabaseOperation, ReorderDatabaseMembersOperation, GetBuildNumberOperation, GetServerWideOperationStateOperation } = require('ravendb');
        (async () => {
          const [url] = process.argv.slice(1);
          const store = new DocumentStore(url, 'books');
          store.initialize();
          console.log((await store.maintenance.server.send(new GetBuildNumberOperation())).productVersion);
          await store.maintenance.server.send(new CreateDatabaseOperation({ databaseName: 'books' }, 3));
          const operation = await store.maintenance.server.send(new CompactDatabaseOperation({ databaseName: 'books', documents: true, indexes: ['Books/ByTitle'] }));
          await operation.waitForCompletion();
          const state = await store.maintenance.server.send(new GetServerWideOperationStateOperation(operation.id));
          console.log('compacted', state.status, state.result.sizeBeforeCompactionInMb ?? state.result.SizeBeforeCompactionInMb);
          await store.maintenance.server.send(new ReorderDatabaseMembersOperation('books', ['B', 'C', 'A']));
          try {
            await store.maintenance.server.send(new CompactDatabaseOperation({ databaseName: 'nowhere', documents: true }));
          } catch (error) {
            console.log(/doesn't exist/.test(error.message));
          }
          store.dispose();
        })().catch(error => { console.log(error.name, error.message); process.exit(1); });
        """;

    [SkippableTheory]
    [InlineData("5.4")]
    [InlineData("6.2")]
    public async Task The_client_for_programs(string version)
    {
        await using var cluster = new RavenDoubleCluster(["A", "B", "C"]) { Version = version };

        var output = await NodeClients.Run("ravendb", Script, cluster.Nodes[0].Server.Url.GetLeftPart(UriPartial.Authority));

        Assert.Equal([version, "compacted Completed 128", "true"], output);
        Assert.Equal(["B", "C", "A"], cluster.Databases["books"].Members);
        Assert.Equal(1, cluster.Nodes.Sum(node => node.Compacts.Count));
        Assert.Contains(cluster.Nodes, node => cluster.Databases["books"].On(node.Tag).Documents.Free == 0);
    }
}
