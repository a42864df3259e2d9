using System.Text.Json;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.CouchDb;

/// <summary>Which servers can be driven, by what they say of themselves.</summary>
internal static class CouchDbVersions
{
    /// <exception cref="EngineException">The server cannot be driven.</exception>
    public static void Check(JsonElement welcome, CouchDbClusterOptions options)
    {
        var version = welcome.TextOf("version");
        var vendor = welcome.FieldOf("vendor")?.TextOf("name") ?? "";
        var problem = welcome switch
        {
            _ when welcome.FieldOf("express-pouchdb") is not null => $"{options.Name} is PouchDB Server, which has no nodes and shards: POST /{{db}}/_compact compacts a database of it at once",
            _ when welcome.FieldOf("couchdb") is null => $"{options.Name} does not answer as CouchDB does; correct clusters.{options.Name}.endpoints",
            _ when vendor.Contains("Cloudant", StringComparison.OrdinalIgnoreCase) => $"{vendor} compacts by itself and offers no call for it",
            _ when version.StartsWith("1.", StringComparison.Ordinal) || version.StartsWith("0.", StringComparison.Ordinal) =>
                $"CouchDB {version} has neither nodes nor shards and is not supported; 3.0 and later are. POST /{{db}}/_compact compacts a database of it at once",
            _ when version.StartsWith("2.", StringComparison.Ordinal) =>
                $"CouchDB {version} compacts a single copy only at port 5986 of each node, which is not supported; 3.0 and later are",
            _ => "",
        };
        if (problem.Length > 0)
        {
            throw new EngineException(EngineFault.Misconfigured, problem);
        }
    }
}
