using System.Runtime.InteropServices;
using Orchestrator.CouchDouble;

if (args.Contains("--help"))
{
    Console.WriteLine(DoubleArguments.Help);
    return 0;
}

var arguments = new DoubleArguments(args);
var version = new DoubleVersion(arguments.Text("version", "3.5.0"));
var nodes = version.IsSingle ? 1 : arguments.Number("nodes", 3);
await using var cluster = await DoubleCluster.Start(
    version.Text,
    [.. Enumerable.Range(arguments.Number("port", 5984), nodes)],
    version.HasNodePorts ? [.. Enumerable.Range(arguments.Number("node-port", 15986), nodes)] : []);
foreach (var node in cluster.Nodes)
{
    node.CompactTime = TimeSpan.FromSeconds(arguments.Number("compact-seconds", 5));
}

if (arguments.Text("user", "") is { Length: > 0 } user)
{
    cluster.Administrators[user] = arguments.Text("password", "");
}

DoubleSamples.Fill(cluster, arguments.Number("databases", 0));
Console.WriteLine(string.Join(Environment.NewLine, cluster.Nodes.Select(node => version.HasNodePorts ? $"{node.Name} {node.Address} own port {node.OwnAddress}" : $"{node.Name} {node.Address}")));
Console.WriteLine("Ctrl+C ends it.");
var end = new TaskCompletionSource();

// The servers' hosts take these signals too, and end only themselves.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
await end.Task;
return 0;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    end.TrySetResult();
}
