using System.Globalization;

namespace Orchestrator.MongoDouble;

/// <summary>The command line: pairs of <c>--name value</c>.</summary>
internal sealed class DoubleArguments(IReadOnlyList<string> arguments)
{
    public const string Help = """
        A double of MongoDB's servers, for trying the orchestrator without them. It keeps nothing and answers only what clients ask here.

          dotnet run --project tests/Orchestrator.MongoDouble -- [options]

          --replica-set NAME      name of the replica set, rs0 if nothing is said
          --standalone true       one server without a replica set
          --members N             members of the set, 3 if nothing is said
          --arbiters N            arbiters beside them, 0 if nothing is said
          --shards N              a sharded cluster of so many replica sets behind a mongos at port P; their members and those of the
                                  config servers follow
          --version V             version of the servers, 7.0 if nothing is said: 2.6 to 8.2
          --port P                port of the first member on 127.0.0.1, 27017 if nothing is said; the others follow
          --compact-seconds S     how long a compaction takes, 5 if nothing is said
          --user U --password P   a user with all rights; nobody need log in if nothing is said
        """;

    public string Text(string name, string otherwise)
    {
        var at = arguments.ToList().IndexOf("--" + name);
        return at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : otherwise;
    }

    public int Number(string name, int otherwise) => int.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
