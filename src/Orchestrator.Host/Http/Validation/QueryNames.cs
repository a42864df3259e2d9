using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Http.Validation;

/// <summary>Unknown query parameters are errors, as unknown fields of bodies are.</summary>
internal static class QueryNames
{
    /// <summary>Refuses parameters that an endpoint's handler does not declare.</summary>
    public static RouteGroupBuilder RefusesUnknownParameters(this RouteGroupBuilder group) => group.AddEndpointFilterFactory((context, next) =>
    {
        var known = context.MethodInfo.GetParameters()
            .Select(parameter => (parameter.Name, From: parameter.GetCustomAttribute<FromQueryAttribute>()))
            .Where(parameter => parameter.From is not null)
            .Select(parameter => parameter.From!.Name ?? parameter.Name!)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return invocation =>
        {
            var unknown = invocation.HttpContext.Request.Query.Keys.Where(name => !known.Contains(name)).ToList();
            return unknown.Count == 0 ? next(invocation) : ValueTask.FromResult<object?>(Problems.Invalid(
                [.. unknown.Select(name => new FieldErrorDto(name, known.Count == 0
                    ? "is unknown; there are no query parameters here"
                    : $"is unknown; known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}"))]));
        };
    });
}
