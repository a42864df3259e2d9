using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Validation;
using Orchestrator.Storage;

namespace Orchestrator.Host.Http.Data;

/// <summary>What there is: databases, collections and documents, page by page.</summary>
internal static class ListEndpoints
{
    public static void MapDatabases(this IEndpointRouteBuilder databases)
    {
        databases.MapGet("", Databases)
            .WithTags("Collections")
            .WithName("ListDatabases")
            .WithSummary("The databases of this node's replica set, by name, as this node knows them.")
            .WithDescription(Paging.Description)
            .Produces<DatabaseListDto>()
            .ProducesProblems(400, 404, 503);
        databases.MapGet("/{database}/collections", Collections)
            .WithTags("Collections")
            .WithName("ListCollections")
            .WithSummary("The collections of a database, by name, as this node knows them.")
            .WithDescription(Paging.Description)
            .Produces<CollectionListDto>()
            .ProducesProblems(400, 404, 503);
    }

    public static void MapDocumentList(this IEndpointRouteBuilder collection) =>
        collection.MapGet("/documents", Documents)
            .WithTags("Documents")
            .WithName("ListDocuments")
            .WithSummary("Documents by id, from the primary unless from=any.")
            .WithDescription(
                $"{Paging.Description} A page of large documents is shorter than its limit. bodies=false leaves the documents themselves out.")
            .Produces<DocumentListDto>()
            .ProducesProblems(307, 400, 404, 503);

    private static async Task<IResult> Databases(
        HttpContext http, NodeGateway node, [FromQuery] string? after = null, [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        var paging = Paging.Read(query);
        return query.Problem ?? await node.Answer(new ListCollections(), http, reply =>
        {
            if (reply is not CollectionsListed listed)
            {
                return null;
            }

            var all = listed.Collections.GroupBy(one => one.Database).Select(group => new DatabaseDto(group.Key, group.Count()));
            var (page, next) = paging.Of(all, database => database.Name);
            return TypedResults.Ok(new DatabaseListDto(page, next));
        });
    }

    private static async Task<IResult> Collections(
        string database, HttpContext http, NodeGateway node, [FromQuery] string? after = null, [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        var paging = Paging.Read(query);
        return query.Problem ?? await node.Answer(new ListCollections(), http, reply =>
        {
            if (reply is not CollectionsListed listed)
            {
                return null;
            }

            var all = listed.Collections.Where(one => one.Database == database).ToList();
            if (all.Count == 0)
            {
                return Problems.NotFound($"There is no database '{database}'.");
            }

            var (page, next) = paging.Of(all, collection => collection.Collection);
            return TypedResults.Ok(new CollectionListDto([.. page.Select(one => new CollectionEntryDto(one.Collection, one.Indexes))], next));
        });
    }

    private static async Task<IResult> Documents(
        string database,
        string collection,
        HttpContext http,
        NodeGateway node,
        [FromQuery] string? after = null,
        [FromQuery] string? limit = null,
        [FromQuery] string? bodies = null,
        [FromQuery] string? from = null)
    {
        var query = new QueryValues(http.Request);
        var withBodies = query.OneOf("bodies", "true", "false") == "true";
        var paging = Paging.Read(query);
        var request = new ListDocuments(database, collection, paging.After, paging.Limit, query.FromAnyMember());
        return query.Problem ?? await node.Answer(request, http, reply => reply is DocumentsListed listed
            ? TypedResults.Bytes(Written(listed, withBodies), "application/json")
            : null);
    }

    /// <summary>As <see cref="DocumentListDto"/> describes, with the bodies byte for byte.</summary>
    private static ReadOnlyMemory<byte> Written(DocumentsListed listed, bool withBodies)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("documents");
            foreach (var document in listed.Documents)
            {
                writer.WriteStartObject();
                writer.WriteString("id", document.Id);
                writer.WriteString("rev", document.Rev);
                writer.WriteNumber("sequence", document.Seq);
                if (DocumentRules.WhyBodyIsInvalid(document.Body.Span) is { } problem)
                {
                    writer.WriteString("problem", problem);
                }
                else if (withBodies)
                {
                    writer.WritePropertyName("body");
                    writer.WriteRawValue(document.Body.Span, skipInputValidation: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (listed.More)
            {
                writer.WriteString("next", listed.Documents[^1].Id);
            }

            writer.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
