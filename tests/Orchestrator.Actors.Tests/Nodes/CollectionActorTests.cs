using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Core.Nodes;
using Orchestrator.Storage;

namespace Orchestrator.Actors.Tests.Nodes;

public sealed class CollectionActorTests : TestKit
{
    private static readonly CollectionName Name = new("shop", "orders");
    private readonly string directory = Directory.CreateTempSubdirectory("orchestrator-collection-").FullName;

    [Fact]
    public void However_often_its_duty_is_repeated_it_goes_on_working()
    {
        var node = CreateTestProbe();
        var options = new NodeOptions { Cluster = "test", ReplicaSet = "rs", Node = "node-1", Address = "memory://node-1", DataDirectory = directory };
        var collection = Sys.ActorOf(CollectionActor.Props(Name, CollectionSettings.Default, options, new InMemoryFeeds(), node.Ref));
        node.FishForMessage(message => message is CollectionOpened, TimeSpan.FromSeconds(20));
        var duty = new TakeDuty(new CollectionDuty.Idle(1, 0, new WritePermission.Elsewhere("", "")));
        var asker = CreateTestProbe();

        for (var i = 0; i < 20_000; i++)
        {
            collection.Tell(duty, asker.Ref);
        }

        // Asked last: everything before has been taken by then.
        var last = CreateTestProbe();
        collection.Tell(new ReadCatalog(), last.Ref);
        last.ExpectMsg<CatalogRead>(TimeSpan.FromSeconds(20));
        collection.Tell(duty, last.Ref);
        var taken = last.ExpectMsg<DutyTaken>(TimeSpan.FromSeconds(20));
        Assert.NotEqual(CollectionCondition.Failed, taken.Report.Condition);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // A file that is still open goes with the machine's temporary directory.
        }
    }
}
