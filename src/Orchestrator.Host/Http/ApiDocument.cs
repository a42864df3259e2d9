using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

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
        });

    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json");

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Compaction orchestrator",
            Version = Name,
            Description = "Rolling compaction of replicated databases: clusters, plans and runs, and the data of the embedded engine.",
        };

        // The address is that of whoever asked; the committed document must not depend on it.
        document.Servers = [];
        return Task.CompletedTask;
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
