using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Which CouchDB answers, and by that how one copy of a shard is reached.</summary>
/// <param name="Text">As the server says it; empty before it was asked.</param>
internal sealed partial record CouchDbVersion(string Text, int Major, int Minor)
{
    /// <summary>Taken as long as nothing is known.</summary>
    public static CouchDbVersion Unknown { get; } = new("", 3, 0);

    /// <summary>1.x: one node without a name, and databases without shards.</summary>
    public bool IsSingle => Major == 1;

    /// <summary>2.x: a node's copies are reached at a port of that node only; since 3.0 any node passes on what is meant for one.</summary>
    public bool UsesNodePorts => Major == 2;

    /// <summary>Whether many databases are asked about in one request, and design documents are listed by a call of their own.</summary>
    public bool HasBulkCalls => Major > 2 || (Major == 2 && Minor >= 2);

    /// <summary>Whether it compacts automatically by smoosh; 1.x and 2.x have a daemon, off if nothing is said.</summary>
    public bool HasSmoosh => Major >= 3;

    /// <summary>Whether copies of shards keep a local document for each of their view indexes.</summary>
    public bool HasIndexMarks => Major >= 3;

    /// <param name="welcome">What the server says of itself.</param>
    /// <exception cref="EngineException">The server cannot be driven, or not as it is configured.</exception>
    public static CouchDbVersion Read(JsonElement welcome, CouchDbClusterOptions options)
    {
        var text = welcome.TextOf("version");
        var vendor = welcome.FieldOf("vendor")?.TextOf("name") ?? "";
        var numbers = Numbers().Match(text);
        var version = numbers.Success ? new CouchDbVersion(text, int.Parse(numbers.Groups[1].ValueSpan), int.Parse(numbers.Groups[2].ValueSpan)) : Unknown with { Text = text };
        var problem = welcome switch
        {
            _ when welcome.FieldOf("express-pouchdb") is not null => $"{options.Name} is PouchDB Server, which has no nodes and shards: POST /{{db}}/_compact compacts a database of it at once",
            _ when welcome.FieldOf("couchdb") is null => $"{options.Name} does not answer as CouchDB does; correct clusters.{options.Name}.endpoints",
            _ when vendor.Contains("Cloudant", StringComparison.OrdinalIgnoreCase) => $"{vendor} compacts by itself and offers no call for it",
            _ when version.Major == 0 || version is { Major: 1, Minor: < 2 } =>
                $"CouchDB {text} does not tell how much of a file is live; 1.2 and later are supported",
            _ when version.IsSingle && options.Endpoints.Count > 1 =>
                $"CouchDB {text} is a single server: name one URL in clusters.{options.Name}.endpoints, and configure a cluster for each other server",
            _ when !version.HasSmoosh && options.HoldsSmoosh =>
                $"CouchDB {text} has no smoosh, which came with 3.0: set clusters.{options.Name}.hold-smoosh = off",
            _ => "",
        };
        return problem.Length == 0 ? version : throw new EngineException(EngineFault.Misconfigured, problem);
    }

    [GeneratedRegex(@"^(\d{1,4})\.(\d{1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
