using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Host.Demo;

namespace Orchestrator.Kubernetes.Tests.Support;

/// <summary>A namespace of the API server with a real process that is supervisor and operator of it.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _directory = Directory.CreateTempSubdirectory("orchestrator-operator-").FullName;
    private readonly ApiServer _server;
    private readonly int _http = FreePorts.Find(1)[0];
    private NodeProcess? _process;

    private OperatorProcess(ApiServer server, string name) => (_server, Namespace) = (server, name);

    public string Namespace { get; }

    public int ProcessId => _process!.Id;

    public Uri Address => new($"http://127.0.0.1:{_http}");

    /// <summary>What the process has written.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(_directory, "log");

    private string ConfigFile => Path.Combine(_directory, "operator.conf");

    /// <param name="clusters">The section clusters of its configuration.</param>
    /// <param name="kubernetes">More of its section kubernetes.</param>
    /// <param name="prepare">What is done in the namespace before the process starts.</param>
    /// <param name="node">The section node, for a process that is a database node too.</param>
    public static async Task<OperatorProcess> Start(
        ApiServer server, string clusters, string kubernetes = "", Func<OperatorProcess, Task>? prepare = null, string node = "")
    {
        var name = await server.NewNamespace();
        var made = new OperatorProcess(server, name);

        // It has the rights that the manifests give it, and no others.
        await made.Kubectl("apply", "-f", Repository.PathOf("k8s", "operator", "rbac.yaml"));
        await made.Kubectl("create", "rolebinding", "operator", "--role=orchestrator-operator", "--user=operator");
        await File.WriteAllTextAsync(made.ConfigFile, $$"""
            orchestrator {
              roles = [{{(node.Length > 0 ? "node, " : "")}}supervisor, operator]
              node { data-directory = "{{made._directory}}/data", {{node}} }
              http.port = {{made._http.ToString(CultureInfo.InvariantCulture)}}
              remoting.port = 0
              security.allow-anonymous = on
              clusters { {{clusters}} }
              journal.file = "{{made._directory}}/journal.sqlite"
              kubernetes { kubeconfig = "{{server.OperatorKubeconfig}}", namespace = {{name}}, poll-interval = 200ms, {{kubernetes}} }
              runs { settle = 0s, min-step-down-bytes = 0 }
            }
            """);
        await (prepare?.Invoke(made) ?? Task.CompletedTask);
        made.StartProcess();
        return made;
    }

    /// <summary>Starts the process again after it was killed.</summary>
    public void StartProcess() => _process = NodeProcess.Start(
        new NodePlace("operator", _http, 0), ConfigFile, LogFile);

    public Task Kill() => _process!.Kill();

    public Task Stop() => _process!.Stop();

    public Task<string> Kubectl(params IReadOnlyList<string> arguments) => _server.Kubectl([.. arguments, "-n", Namespace]);

    public Task Apply(string yaml) => _server.KubectlWith(yaml, "apply", "-n", Namespace, "-f", "-");

    public async Task<JsonNode> Get(string kind, string name) => JsonNode.Parse(await Kubectl("get", kind, name, "-o", "json"))!;

    /// <summary>Waits until an object is as it should be; null while it is not there.</summary>
    public async Task<JsonNode?> Await(string kind, string name, Predicate<JsonNode?> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var (code, output, error) = await _server.TryKubectl("", ["get", kind, name, "-o", "json", "-n", Namespace]);
            var found = code == 0 ? JsonNode.Parse(output) : null;
            if ((code == 0 || error.Contains("NotFound", StringComparison.Ordinal)) && condition(found))
            {
                return found;
            }

            Assert.False(
                patience.IsCancellationRequested || _process!.HasFailed,
                $"{kind} {name} never came to that: {found?["status"]?.ToJsonString() ?? error}\n{Log}");
            await Task.Delay(100);
        }
    }

    /// <summary>Asks kubectl again until what it says is as it should be.</summary>
    public async Task AwaitText(IReadOnlyList<string> arguments, Predicate<string> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await Kubectl(arguments) is var said && !condition(said))
        {
            Assert.False(patience.IsCancellationRequested, $"kubectl {string.Join(' ', arguments)} says: {said}\n{Log}");
            await Task.Delay(100);
        }
    }

    /// <summary>The status of a condition; empty if there is none.</summary>
    public static string Condition(JsonNode? found, string type) => OfCondition(found, type, "status");

    public static string Reason(JsonNode? found, string type) => OfCondition(found, type, "reason");

    /// <summary>Whether nothing more will come of a run.</summary>
    public static bool HasEnded(JsonNode? run) => Condition(run, "Succeeded") is "True" or "False";

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            await process.DisposeAsync();
        }

        TemporaryFiles.Delete(_directory);
    }

    private static string OfCondition(JsonNode? found, string type, string field) => (found?["status"]?["conditions"] as JsonArray)?
        .FirstOrDefault(condition => condition!["type"]!.ToString() == type)?[field]?.ToString() ?? "";
}
