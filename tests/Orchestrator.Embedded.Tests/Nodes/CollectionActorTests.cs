using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Nodes.Collections;
using Orchestrator.Embedded.Tests.Support;
using Orchestrator.Storage;
using Orchestrator.Storage.Compaction;

namespace Orchestrator.Embedded.Tests.Nodes;

public sealed class CollectionActorTests : PatientTestKit
{
    private static readonly CollectionName Name = new("shop", "orders");
    private readonly string directory = Directory.CreateTempSubdirectory("orchestrator-collection-").FullName;

    [Fact]
    public void However_often_its_duty_is_repeated_it_goes_on_working()
    {
        var node = CreateTestProbe();
        var options = Options();
        var collection = Sys.ActorOf(CollectionActor.Props(Name, CollectionSettings.Default, options, new InMemoryFeeds(), node.Ref, ExpectedFiles.Nothing));
        node.FishForMessage(message => message is CollectionOpened);
        var duty = new TakeDuty(new CollectionDuty.Idle(1, 0, new WritePermission.Elsewhere("", "")));
        var asker = CreateTestProbe();

        for (var i = 0; i < 20_000; i++)
        {
            collection.Tell(duty, asker.Ref);
        }

        // Asked last: everything before has been taken by then.
        var last = CreateTestProbe();
        collection.Tell(new ReadCatalog(), last.Ref);
        last.ExpectMsg<CatalogRead>();
        collection.Tell(duty, last.Ref);
        var taken = last.ExpectMsg<DutyTaken>();
        Assert.NotEqual(CollectionCondition.Failed, taken.Report.Condition);
    }

    [Fact]
    public void Its_end_waits_for_the_files_without_keeping_a_thread()
    {
        using var gate = new ManualResetEventSlim();
        var held = new TaskCompletionSource();
        var collection = Lead(CollectionSettings.Default, Failpoints.Committed, held, gate);
        var client = CreateTestProbe();
        Watch(collection);
        collection.Tell(Put("a"), client.Ref);
        AwaitAssert(() => Assert.True(held.Task.IsCompleted));

        collection.Tell(ReleaseFiles.Instance);
        collection.Tell(Put("b"), client.Ref);

        // It answers while its files are in use; the write that is under way is acknowledged, and only then does it end.
        Assert.Contains("is being closed", client.ExpectMsg<DataUnavailable>().Reason, StringComparison.Ordinal);
        gate.Set();
        client.ExpectMsg<DocumentWritten>();
        ExpectTerminated(collection);
        using var store = CollectionStore.Open(new CollectionDirectory(directory, "shop", "orders"), CollectionSettings.Default, StorageOptions.Default, TimeProvider.System);
        Assert.NotNull(store.Get("a"));
        Assert.Null(store.Get("b"));
    }

    [Fact]
    public void Writes_go_on_while_tombstones_of_a_capped_collection_are_looked_for()
    {
        using var gate = new ManualResetEventSlim();
        var held = new TaskCompletionSource();
        var collection = Lead(CollectionSettings.Default with { Cap = new CapLimit(null, 1) }, Failpoints.TombstonesFound, held, gate);
        var client = CreateTestProbe();
        collection.Tell(Put("a"), client.Ref);
        client.ExpectMsg<DocumentWritten>();
        AwaitAssert(() => Assert.True(held.Task.IsCompleted));

        collection.Tell(Put("b"), client.Ref);

        client.ExpectMsg<DocumentWritten>();
        gate.Set();
    }

    /// <summary>A collection that takes writes; its storage work is held at a failpoint until the gate is opened.</summary>
    private IActorRef Lead(CollectionSettings settings, string failpoint, TaskCompletionSource held, ManualResetEventSlim gate)
    {
        var options = Options() with
        {
            Storage = StorageOptions.Default with
            {
                Failpoint = point =>
                {
                    if (point == failpoint)
                    {
                        held.TrySetResult();
                        gate.Wait();
                    }
                },
            },
        };
        var node = CreateTestProbe();
        var collection = Sys.ActorOf(CollectionActor.Props(Name, settings, options, new InMemoryFeeds(), node.Ref, ExpectedFiles.Nothing));
        node.FishForMessage(message => message is CollectionOpened);
        var appointment = new Appointment(1, "node-1", "memory://node-1", ["node-1"], []);
        collection.Tell(new TakeDuty(new CollectionDuty.Lead(1, new WritePermission.Granted(1), true, appointment)), node.Ref);
        return collection;
    }

    private static PutDocument Put(string id) => new("shop", "orders", id, "{}"u8.ToArray(), null, WriteConcern.Primary);

    private NodeOptions Options() => new()
    {
        Cluster = "test",
        ReplicaSet = "rs",
        Node = "node-1",
        Address = "memory://node-1",
        DataDirectory = directory,
    };

    protected override void AfterAll()
    {
        base.AfterAll();
        TemporaryFiles.Delete(directory);
    }
}
