using Orchestrator.Core.Topology;
using Orchestrator.Storage;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>What can be told of a request by itself: its names, and the definition of an index.</summary>
internal static class DataRequestCheck
{
    /// <summary>A name as its caller wrote it: of an address, a slash in a name arrives encoded.</summary>
    private static string Written(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a request whatever the node holds; null if nothing is.</summary>
    public static DataInvalid? Invalid(DataRequest request)
    {
        if (!CollectionDirectory.IsValidName(request.Database))
        {
            return new DataInvalid("database", CollectionDirectory.WhyInvalid(Written(request.Database)));
        }

        if (!CollectionDirectory.IsValidName(request.Collection))
        {
            return new DataInvalid("collection", CollectionDirectory.WhyInvalid(Written(request.Collection)));
        }

        if (SystemDatabases.Contains(request.Database) && request is (PutDocument or DeleteDocument or WriteBulk or PutIndex or DropIndex or PutCollection or DropCollection))
        {
            return new DataInvalid("database", $"'{request.Database}' is the node's own; names that begin with '_' are reserved");
        }

        if (NodeFiles.Include(request.Database) && request is (PutDocument or WriteBulk or PutIndex or PutCollection))
        {
            return new DataInvalid("database", $"'{request.Database}' is a file of the node's own; choose another name");
        }

        return request is PutIndex put ? Invalid(put) : null;
    }

    private static DataInvalid? Invalid(PutIndex put)
    {
        try
        {
            _ = new IndexDefinition(put.Name, put.JsonPath);
            return null;
        }
        catch (ArgumentException e)
        {
            return DataInvalid.Of(e, "index");
        }
    }
}
