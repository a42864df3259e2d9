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
    private const string Bearer = "bearer";

    private static readonly (string Tag, string Description)[] _tags =
    [
        ("Clusters", "Clusters, their members, storage reports and orders to a member."),
        ("Engines", "The kinds of database: what each can do, its options and its needs."),
        ("Plans", "Dry runs: what a compaction would do, with reasons and estimates."),
        ("Runs", "Compaction runs: start, watch and control them."),
        ("Schedules", "What is compacted automatically, and when."),
        ("Holds", "Other operators say that they are about to take members out."),
        ("Freezes", "The kill switch: nothing new starts."),
        ("Audit", "Who ordered what, and with which result."),
        ("Nodes", "The members that the supervisor observes."),
        ("Collections", "Collections of the database that comes with the orchestrator and how they are stored."),
        ("Documents", "Documents of the database that comes with the orchestrator."),
        ("Changes", "The feed of a collection's changes."),
        ("Indexes", "Secondary indexes of the database that comes with the orchestrator."),
        ("Node", "Requests to the member that answers, without the supervisor."),
        ("Health", "Probes."),
    ];

    /// <summary>Query parameters that are whole numbers. Handlers read them as text, to name all wrong ones at once.</summary>
    private static readonly string[] _numbers = ["after", "before", "limit", "term", "lastTerm"];

    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer((document, _, _) => Describe(document));
            options.AddOperationTransformer(AddBody);
            options.AddOperationTransformer((operation, context, _) => AddAccess(operation, context));
            options.AddOperationTransformer((operation, context, _) => AddParameters(operation, context));
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
            License = new OpenApiLicense { Name = "Apache 2.0", Identifier = "Apache-2.0" },
        };

        // Whoever fetched the document knows the server; the committed document must not depend on it.
        document.Servers = [new OpenApiServer { Url = "/", Description = "The server that this document came from." }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Bearer,
                Description = "A token of the configuration or of its issuer (JWT). Not needed where authentication is off.",
            },
        };
        var used = document.Tags?.Select(tag => tag.Name).ToHashSet() ?? [];
        document.Tags = _tags
            .Where(tag => used.Contains(tag.Tag))
            .Select(tag => new OpenApiTag { Name = tag.Tag, Description = tag.Description })
            .ToHashSet();
        return Task.CompletedTask;
    }

    /// <summary>Every operation needs a token, but for the open ones.</summary>
    private static Task AddAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault();
        operation.Security = rule is { Permission: Permission.None }
            ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        return Task.CompletedTask;
    }

    private static Task AddParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            // Only the audit trail's pages begin after a number.
            var isName = parameter.Name == "after" && context.Description.RelativePath != "api/v1/audit";
            if (parameter.In == ParameterLocation.Query && _numbers.Contains(parameter.Name) && !isName)
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" };
            }
        }

        foreach (var header in context.Description.ActionDescriptor.EndpointMetadata.OfType<HeaderDescription>())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = header.Name,
                In = ParameterLocation.Header,
                Description = header.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

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
