using System.Globalization;

namespace Orchestrator.CouchDouble;

/// <summary>The command line: pairs of <c>--name value</c>.</summary>
internal sealed class DoubleArguments(IReadOnlyList<string> arguments)
{
    public const string Help = """
        A double of a CouchDB cluster, for trying the orchestrator without one. It keeps nothing and answers only what clients ask here.

          dotnet run --project tests/Orchestrator.CouchDouble -- [options]

          --version V             3.5.0 if nothing is said; 2.3.1 (nodes with ports of their own) and 1.7.2 (one node) are known too
          --node-port P           for 2.x: own port of the first node, 15986 if nothing is said; the others follow
          --nodes N               nodes of the cluster, 3 if nothing is said
          --port P                port of the first node on 127.0.0.1, 5984 if nothing is said; the others follow
          --compact-seconds S     how long a compaction takes, 5 if nothing is said
          --databases N           small databases beside the samples, 0 if nothing is said
          --user U --password P   a server administrator; nobody need log in if nothing is said
        """;

    public string Text(string name, string otherwise)
    {
        var at = arguments.ToList().IndexOf("--" + name);
        return at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : otherwise;
    }

    public int Number(string name, int otherwise) => int.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
