using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Hocon;
using Orchestrator.Actors.Journals;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Journals;

/// <summary>An actor system with the product's own settings on a journal, as a process that hosts the supervisor has one.</summary>
internal sealed class JournalProcess : IAsyncDisposable
{
    private const string Here = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          stdout-logger-class = "Akka.Event.StandardOutLogger, Akka"
          loggers = []
          actor.provider = local
        }

        """;

    // A JSON string is a HOCON string.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(10);
    private static readonly string Defaults = ReadDefaults();

    private readonly ActorSystem _system;
    private readonly SupervisorOptions _options;
    private IActorRef _supervisor = ActorRefs.Nobody;

    public JournalProcess(string providerName, string connectionString, SupervisorOptions? options = null)
    {
        var database = SupervisorJournal.For(providerName, connectionString);
        Assert.Null(database.Prepare());
        var plugins = string.Concat(new[] { "journal", "snapshot-store" }.Select(plugin => $"""
            akka.persistence.{plugin}.sql.provider-name = "{providerName}"
            akka.persistence.{plugin}.sql.connection-string = {JsonSerializer.Serialize(database.ConnectionString, Plain)}

            """));
        _options = options ?? new SupervisorOptions();
        _system = ActorSystem.Create("orchestrator", ConfigurationFactory
            .ParseString(Here + plugins)
            .WithFallback(ConfigurationFactory.ParseString(OrchestratorSerialization.Config))
            .WithFallback(ConfigurationFactory.ParseString(Defaults)));
    }

    /// <summary>Starts a supervisor of the cluster <c>main</c>, whose one member is never there.</summary>
    public void StartSupervisor()
    {
        var main = new ClusterDefinition("main", "embedded", [new ReplicaSetDefinition("rs-1", ["node-1"])]);
        _supervisor = _system.ActorOf(
            SupervisorHost.Props(SupervisorActor.Props(_options, [main], Props.Create(() => new NoNodes())), _options));
    }

    /// <summary>Asks until the supervisor is there and has answered.</summary>
    public async Task<T> Ask<T>(ISupervisorRequest request) =>
        Assert.IsType<T>(await Await(request, answer => answer is not RequestFailed { Code: FailureCode.Unavailable }));

    /// <summary>Asks until the answer is a certain one. What reaches the supervisor while it stops is not answered.</summary>
    public async Task<object> Await(ISupervisorRequest request, Predicate<object> wanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                var answer = await _supervisor.Ask<object>(request, Attempt, patience.Token);
                if (wanted(answer))
                {
                    return answer;
                }
            }
            catch (AskTimeoutException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }

            await Poll.PauseAsync();
        }
    }

    public async Task<long> Epoch() => (await Ask<ClusterView>(new GetCluster("main"))).Epoch;

    public Task StopSupervisor() => _supervisor.GracefulStop(Patience);

    public async ValueTask DisposeAsync() => await _system.Terminate();

    private static string ReadDefaults()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("reference.conf")!;
        using var reader = new StreamReader(stream);
        return $"akka = {HoconConfigurationFactory.ParseString(reader.ReadToEnd()).GetConfig("akka")}";
    }

    private sealed class NoNodes : ReceiveActor;
}
