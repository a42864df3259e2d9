using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http;

/// <summary>The OpenAPI 3.1 document of the API, served at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer((document, _, _) => Describe(document));
            options.AddOperationTransformer(AddBody);
            options.AddSchemaTransformer(DescribeSchema);
        });

    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json").IsOpen();

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Compaction orchestrator",
            Version = Name,
            Description = "Rolling compaction of replicated databases: clusters, plans and runs, and the data of the database that comes with it.",
        };

        // The address is that of whoever asked; the committed document must not depend on it.
        document.Servers = [];
        return Task.CompletedTask;
    }

    /// <summary>Fields without a value are left out of bodies, so what may be null is not required.</summary>
    private static Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var property in context.JsonTypeInfo.Properties.Where(property => property.IsGetNullable))
        {
            schema.Required?.Remove(property.Name);
        }

        if (context.JsonTypeInfo.Type == typeof(IndexSelection))
        {
            schema.AnyOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.String, Enum = [JsonValue.Create("all"), JsonValue.Create("none")] },
                new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            ];
        }

        if (context.JsonTypeInfo.Type == typeof(OptionsBody))
        {
            AddEngineOptions(schema, context.ApplicationServices.GetRequiredService<EngineProviders>());
        }

        return Task.CompletedTask;
    }

    /// <summary>The options that engines declare are fields of a request like any other.</summary>
    private static void AddEngineOptions(OpenApiSchema schema, EngineProviders engines)
    {
        schema.AdditionalProperties = null;
        schema.AdditionalPropertiesAllowed = false;
        foreach (var option in engines.DriverOptions)
        {
            var named = engines.Having(option);
            schema.Properties![option.Name] = new OpenApiSchema
            {
                Type = option.Kind switch
                {
                    EngineOptionKind.Flag => JsonSchemaType.Boolean,
                    EngineOptionKind.Text or EngineOptionKind.Choice => JsonSchemaType.String,
                    EngineOptionKind.Number or EngineOptionKind.Share => JsonSchemaType.Number,
                    _ => JsonSchemaType.Integer,
                },
                Description = $"{option.Sentence} {(named.Count == 0 ? "No engine has it yet" : $"Engines: {string.Join(", ", named)}")}.",
            };
        }
    }

    private static async Task AddBody(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<BodyDescription>().FirstOrDefault() is not { } body)
        {
            return;
        }

        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [body.ContentType] = new() { Schema = await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken) },
            },
        };
    }
}
