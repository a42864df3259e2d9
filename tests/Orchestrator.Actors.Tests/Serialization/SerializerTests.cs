using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Serialization;

public sealed class SerializerTests : PatientTestKit
{
    private readonly OrchestratorSerializer serializer;

    public SerializerTests()
        : base(OrchestratorSerialization.Config)
    {
        serializer = new OrchestratorSerializer((ExtendedActorSystem)Sys);
    }

    public static TheoryData<string> Manifests() => [.. MessageManifests.All.Select(entry => entry.Manifest)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Every_message_survives_the_round_trip(string manifest)
    {
        var message = Samples.Of(MessageManifests.ByManifest[manifest]);

        var bytes = serializer.ToBinary(message);
        var read = serializer.FromBinary(bytes, serializer.Manifest(message));

        Assert.Equal(manifest, serializer.Manifest(message));
        Assert.IsType(message.GetType(), read);
        Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(serializer.ToBinary(read)));
        Assert.Equivalent(message, read, strict: true);
    }

    [Fact]
    public void Every_command_request_status_and_event_has_a_manifest()
    {
        Type[] kinds =
        [
            typeof(INodeCommand), typeof(ISupervisorRequest), typeof(RunEvent), typeof(CompactionStatus), typeof(SupervisorEvent),
        ];
        var messages = new[] { typeof(INodeCommand).Assembly, typeof(SupervisorEvent).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false } && kinds.Any(kind => kind.IsAssignableFrom(type)));

        var missing = messages.Where(type => !MessageManifests.ByType.ContainsKey(type)).Select(type => type.Name).ToList();

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_reply_has_a_manifest()
    {
        // Replies have no type in common; the files that hold nothing but replies do.
        Type[] replies =
        [
            typeof(NodeObservation), typeof(NodeStateChanged), typeof(NodeInventory), typeof(TermPromised), typeof(WritesStopped),
            typeof(WritesResumed), typeof(AppointmentFollowed), typeof(CommandRefused), typeof(ClusterList), typeof(ClusterView),
            typeof(StorageReport), typeof(StepDownCompleted), typeof(RequestFailed), typeof(PlanMade), typeof(RunPage), typeof(RunView),
            typeof(RunEventBatch), typeof(FreezeList), typeof(AuditTrail), typeof(OrderRecorded), typeof(Explanation), typeof(ScheduleList), typeof(WebhookPlaces),
            typeof(ResyncBegun), typeof(CollectionsVerified), typeof(IndexesCleanedUp), typeof(FileCheckProgressed), typeof(RangesDigested),
            typeof(VersionsListed), typeof(VerificationView), typeof(JournalAdopted),
        ];

        Assert.All(replies, type => Assert.Contains(type, MessageManifests.ByType.Keys));
    }

    [Fact]
    public void A_type_without_a_manifest_is_an_error_that_names_it()
    {
        var error = Assert.Throws<SerializationException>(() => serializer.ToBinary(new DocumentMissing("a")));

        Assert.Contains(nameof(DocumentMissing), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_manifest_is_an_error_that_names_it()
    {
        var error = Assert.Throws<SerializationException>(() => serializer.FromBinary("{}"u8.ToArray(), "from-the-future"));

        Assert.Contains("from-the-future", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_lacks_a_member_is_an_error_that_names_both()
    {
        var error = Assert.Throws<SerializationException>(() => serializer.FromBinary("{\"epoch\":1}"u8.ToArray(), "promise-term"));

        Assert.Contains("promise-term", error.Message, StringComparison.Ordinal);
        Assert.Contains("replicaSet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_binds_every_message_to_the_serializer()
    {
        var bound = Sys.Serialization.FindSerializerFor(new ObserveNode(1));

        Assert.IsType<OrchestratorSerializer>(bound);
        Assert.Equal(OrchestratorSerialization.Identifier, bound.Identifier);
        Assert.All(MessageManifests.All, entry =>
            Assert.Contains($"\"{entry.Type.FullName}, ", OrchestratorSerialization.Config, StringComparison.Ordinal));
    }

    /// <summary>The bytes stand in journals and are read by other versions: a change here needs a new manifest.</summary>
    [Fact]
    public void The_bytes_of_every_message_are_those_that_were_committed()
    {
        var lines = MessageManifests.All.Select(entry =>
            $"{entry.Manifest} {Encoding.UTF8.GetString(serializer.ToBinary(Samples.Of(entry.Type)))}");

        Golden.AssertEqual("messages.golden", string.Join('\n', lines) + "\n");
    }
}
